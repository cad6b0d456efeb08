"""DynamoDB's expression language: condition, filter, key condition, projection and update expressions."""
