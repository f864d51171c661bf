"""What the reference app costs beside the libraries it is built on."""
