"""`GET /api/realtime`: who is on the site now, and the last thirty minutes."""
