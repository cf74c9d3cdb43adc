fn main(){ let seed=std::env::args().nth(1).and_then(|s|s.parse().ok()).unwrap_or(1);
 for c in sim::verification::cases(){ let t=std::time::Instant::now(); let e=c.estimate(seed,&sim::experiment::Unwatched).unwrap().unwrap(); let h=e.half_width.unwrap_or(f64::NAN);
 println!("{:55} {:22} exact {:10.5} sim {:10.5} ±{:.2}% err {:+.2} hw  {:.2}s {}", c.name,c.quantity.name(),c.exact,e.mean,100.0*h/e.mean,(e.mean-c.exact)/h,t.elapsed().as_secs_f64(), if (e.mean-c.exact).abs()>h {"<<<"} else {""}); } }
