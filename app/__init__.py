"""PyGai Connector: hands AI tasks to clients, takes their results and turns them into live websites."""

__version__ = "0.1.0"
