//! What stands on the glass.

use super::*;

#[test]
fn look() {
    let mut s = Scene::new(120, 40);
    println!("{}", s.text());
    s.keys("j");
    println!("{}", s.text());
    let mut s = Scene::new(80, 24);
    s.keys("G i");
    println!("{}", s.text());
    s.keys("esc w");
    println!("{}", s.text());
    s.keys("esc c");
    println!("{}", s.text());
    s.keys("?");
    println!("{}", s.text());
    s.keys("esc esc g I \"/home\"");
    println!("{}", s.text());
    s.keys("esc i \"hello there\" enter");
    println!("{}", s.text());
    let mut s = Scene::new(40, 12);
    println!("{}", s.text());
    s.keys("G enter");
    println!("{}", s.text());
    s.app.size = (100, 30);
    s.app.status.as_mut().unwrap().empty = true;
    s.keys("esc");
    println!("{}", s.text());
}
