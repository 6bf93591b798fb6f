"""Query scopes other than a viewer."""


class CustomerScope:
    """The scope of an administrator's queries for one customer's documents. Has `customer_id`, like a Viewer."""

    def __init__(self, customer_id: int):
        self.customer_id = customer_id
