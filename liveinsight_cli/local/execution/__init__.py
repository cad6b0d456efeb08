"""What runs the deployed code on a laptop: Lambda workers, API Gateway's front, stream pollers and schedules."""
