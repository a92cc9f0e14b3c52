//! Whose mail it is: a ladder of clues, strongest first.
