"""The recipe of inpainting: healthy tissue of real and generated heads, hidden and filled."""
