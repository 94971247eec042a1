use super::collect::{Mapped, mapping};
use dialmark_model::source::*;
struct Count(u64, u64);
impl crate::pipeline::Sink for Count {
    fn push(&mut self, b: arrow::record_batch::RecordBatch) -> Result<(), crate::IngestError> { self.0 += b.num_rows() as u64; Ok(()) }
    fn quarantine(&mut self, _: dialmark_lake::QuarantinedRow) -> Result<(), crate::IngestError> { self.1 += 1; Ok(()) }
}
#[test]
#[ignore]
fn speed() {
    let path = std::path::Path::new("/tmp/speed.csv");
    if !path.exists() {
        use std::io::Write;
        let mut f = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
        writeln!(f, "call_id,started_at,answered_at,connected_at,ended_at,campaign,list,agent,number,talk,wrap,status,cost,currency,attempt").unwrap();
        for n in 0..2_000_000u64 {
            let (h, m, s) = (8 + n % 10, n / 7 % 60, n / 3 % 60);
            writeln!(f, "c{n},2026-{:02}-{:02}T{h:02}:{m:02}:{s:02}Z,2026-01-01 {h:02}:{m:02}:{s:02},2026-01-01 {h:02}:{m:02}:{s:02}.25,2026-01-01 {h:02}:{m:02}:{s:02},camp{},list{},agent{},+44{n},{},{},SALE,0.{:03},GBP,{}", 1 + n % 12, 1 + n % 28, n % 7, n % 50, n % 200, n % 300, n % 40, n % 999, n % 6).unwrap();
        }
    }
    let source = mapping("calls").known_by(&["call_id"]).with("started_at", "started_at").with("answered_at", "answered_at").with("connected_at", "connected_at").with("ended_at", "ended_at")
        .with("campaign_id", "campaign").with("list_id", "list").with("agent_id", "agent").with("called_number", "number")
        .with_field("talk_ms", "talk", |f| f.read = Read::Unit(DurationUnit::Seconds)).with_field("wrap_ms", "wrap", |f| f.read = Read::Unit(DurationUnit::Seconds))
        .with("disposition", "status").with("cost_amount", "cost").with("currency", "currency").with("attempt_no", "attempt");
    let t = std::time::Instant::now();
    let pinned = crate::pinned::Pinned::look(path).unwrap();
    println!("hash {:?}", t.elapsed());
    let t = std::time::Instant::now();
    let mut c = Count(0, 0);
    let o = crate::pipeline::Pipeline::open(&pinned, &source).unwrap().run(1, dialmark_lake::schema::stored_schema(&source.table), &mut c, &crate::Unwatched).unwrap();
    println!("{} rows {} bad {:?} = {:.0} rows/s {:?}", c.0, c.1, t.elapsed(), c.0 as f64 / t.elapsed().as_secs_f64(), o.flags);
}
