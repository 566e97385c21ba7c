"""The image metrics in one place; each family has its own file with its definition."""

from __future__ import annotations

from SynthCore.quality.histogram import Histogram as Histogram
from SynthCore.quality.histogram import histogram as histogram
from SynthCore.quality.intensity import mae as mae
from SynthCore.quality.intensity import me as me
from SynthCore.quality.intensity import mse as mse
from SynthCore.quality.intensity import psnr as psnr
from SynthCore.quality.intensity import psnr_slices as psnr_slices
from SynthCore.quality.intensity import rmse as rmse
from SynthCore.quality.intensity import rmse_slices as rmse_slices
from SynthCore.quality.ms_ssim import ms_ssim as ms_ssim
from SynthCore.quality.overlap import dice as dice
from SynthCore.quality.ssim import ssim_in_mask as ssim_in_mask
from SynthCore.quality.ssim import ssim_map as ssim_map
from SynthCore.quality.ssim import ssim_slices as ssim_slices
from SynthCore.quality.vif import vif as vif
from SynthCore.quality.vif import vif_slices as vif_slices
