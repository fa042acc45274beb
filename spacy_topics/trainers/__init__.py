"""What makes topic models, one module each; everything else reads them."""
