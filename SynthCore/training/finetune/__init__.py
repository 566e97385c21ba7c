"""Fine-tuning a model on a site's own pairs."""
