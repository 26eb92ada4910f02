"""What every capability stands on: handlers, services, shapes, options."""
