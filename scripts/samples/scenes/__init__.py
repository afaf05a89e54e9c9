"""The places that are filmed, one a file: each is built from a seed and has `frame(time)`."""
