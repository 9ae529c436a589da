"""Campaign effect: what each campaign cost and brought: responses, leads, deals and their return."""
