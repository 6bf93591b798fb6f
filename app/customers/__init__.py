"""The administrator's side of customers: the list, each record, and who has access to it."""
