"""The service desk: a *request* is what a customer asks of us; it is *archived* once the customer is content."""
