#[test]
#[ignore]
fn show() {
    for path in std::env::var("SHOW").unwrap().split_whitespace() {
        println!("=================== {path}");
        match crate::propose(std::path::Path::new(path), &Default::default()) {
            Ok(p) => println!("{}\n--- {:?}\n--- warnings {:#?}", p.toml, p.dispositions, p.warnings),
            Err(e) => println!("ERROR {e}"),
        }
    }
}
