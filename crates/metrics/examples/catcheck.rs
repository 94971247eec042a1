use dialmark_metrics::Catalogue;
fn main() {
    let dir = std::env::args().nth(1).unwrap();
    let mut files = Vec::new();
    for sub in ["", "guide"] {
        let Ok(entries) = std::fs::read_dir(format!("{dir}/{sub}")) else { continue };
        for e in entries {
            let p = e.unwrap().path();
            if p.extension().is_some_and(|x| x == "toml") {
                files.push((p.display().to_string(), std::fs::read_to_string(&p).unwrap()));
            }
        }
    }
    files.sort();
    let problems = dialmark_model::declared::Problems::new();
    let c = Catalogue::read_alone(&files, &problems);
    for p in problems.into_vec() {
        println!("{p}");
    }
    for m in c.metrics.values() {
        if m.guide.is_none() { println!("note: {} has no guide", m.id); }
        for v in &m.variants {
            if v.example.is_none() { println!("note: {}/{} has no example", m.id, v.id); }
        }
    }
    println!("{} measures, {} metrics, {} variants", c.measures.len(), c.metrics.len(), c.metrics.values().map(|m| m.variants.len()).sum::<usize>());
}
