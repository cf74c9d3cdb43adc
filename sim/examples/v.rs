fn main() {
    let seed = std::env::args().nth(1).and_then(|s| s.parse().ok()).unwrap_or(1);
    let mut n = 0;
    let mut bad = 0;
    let mut wide = 0;
    for c in sim::verification::cases() {
        let t = std::time::Instant::now();
        for f in c
            .findings(seed, &sim::experiment::Unwatched, &std::sync::atomic::AtomicBool::new(false))
            .unwrap()
        {
            let h = f.estimate.half_width.unwrap_or(f64::NAN);
            n += 1;
            if !f.agrees() {
                bad += 1;
            }
            if h > 0.01 * f.truth.exact {
                wide += 1;
            }
            println!(
                "{:55} {:22} exact {:10.5} sim {:10.5} ±{:.2}% err {:+.2} hw  {:.2}s {}",
                c.name,
                f.truth.quantity.name(),
                f.truth.exact,
                f.estimate.mean,
                100.0 * h / f.estimate.mean,
                (f.estimate.mean - f.truth.exact) / h,
                t.elapsed().as_secs_f64(),
                if !f.agrees() { "<<<" } else { "" }
            );
        }
    }
    println!("{n} truths, {bad} outside, {wide} wide");
}
