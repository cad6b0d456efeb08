"""`POST /api/events`: checks events, stamps them with what they mean, and stores them."""
