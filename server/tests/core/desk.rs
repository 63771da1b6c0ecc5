//! The desk and our pages, as browsers meet them.

mod assets;
mod endpoints;
mod pages;
mod people;
mod sessions;
