"""The Models page: how a model that was trained elsewhere is opened."""
