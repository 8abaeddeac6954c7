//! Has only the tests and the example of the guide.
