use dialmark_sim::*;
struct Null(u64);
impl Sink for Null { type Error=std::convert::Infallible;
 fn row(&mut self,_:Stream,_:jiff::civil::Date,f:&[&str])->Result<(),Self::Error>{self.0+=f.len() as u64;Ok(())}}
#[test] fn show(){
 let plan=Plan::default(); let t0=std::time::Instant::now(); let mut s=Null(0); let t=run(&plan,&mut s).unwrap();
 let total=t.calls_where(|_,_,_|true);
 println!("{:?} {} calls/s",t0.elapsed(), total.dials as f64/t0.elapsed().as_secs_f64());
 let v=truth(&plan,&t);
 println!("{}",serde_json::to_string_pretty(&v["causes"]).unwrap());
 println!("{}",serde_json::to_string_pretty(&v["faults"]).unwrap());
 println!("{:?}",total);
}
