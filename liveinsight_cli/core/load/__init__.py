"""What a load is made of, how it is measured, and what its figures say."""
