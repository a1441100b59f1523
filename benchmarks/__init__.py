"""Side-by-side measurements of the service and its ceiling: `make bench`."""
