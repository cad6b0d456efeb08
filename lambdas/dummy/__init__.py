"""Stands in for every function while nothing but the infrastructure is proven (`liveinsight deploy --dummy`)."""
