"""What the four functions share: definitions, formats and the fence around DynamoDB."""
