//! What somebody reads who writes a program with it: the words of compilers and errors for each
//! mistake, and the docs.

mod compiled_cases;
mod contributed_twice;
mod docs;
