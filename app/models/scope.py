"""What queries start from besides a viewer."""


class CustomerScope:
    """What queries start from when an administrator looks at one customer's documents."""

    def __init__(self, customer_id: int):
        self.customer_id = customer_id
