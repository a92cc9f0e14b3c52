//! The curve of `models/README.md`: how many are recorded against how many of them are wrong, as an SVG picture.

use super::figures::Judged;
use std::fmt::Write as _;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 320.0;
const LEFT: f64 = 60.0;
const BOTTOM: f64 = 40.0;
/// The most wrong that is drawn, in 1,000.
const MOST: f64 = 100.0;

#[allow(clippy::cast_precision_loss, reason = "a few thousand")]
pub fn draw(judged: &[Judged<'_>]) -> std::io::Result<()> {
    let mut order: Vec<&Judged<'_>> = judged.iter().collect();
    order.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    let x = |share: f64| LEFT + share * (WIDTH - LEFT - 20.0);
    let y = |per_mille: f64| HEIGHT - BOTTOM - per_mille.min(MOST) / MOST * (HEIGHT - BOTTOM - 20.0);
    let (mut wrong, mut line) = (0.0, String::new());
    for (at, one) in order.iter().enumerate() {
        wrong += if one.right() { 0.0 } else { 1.0 };
        let taken = (at + 1) as f64;
        let _ = write!(line, "{:.1},{:.1} ", x(taken / order.len() as f64), y(wrong * 1000.0 / taken));
    }
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"white\"/>\n"
    );
    for step in 0..=5 {
        let (share, per_mille) = (f64::from(step) * 0.2, f64::from(step) * MOST / 5.0);
        let _ = writeln!(svg, "<line x1=\"{0:.0}\" y1=\"20\" x2=\"{0:.0}\" y2=\"{1}\" stroke=\"#ddd\"/>", x(share), HEIGHT - BOTTOM);
        let _ = writeln!(svg, "<text x=\"{:.0}\" y=\"{}\" text-anchor=\"middle\">{:.0} %</text>", x(share), HEIGHT - 22.0, share * 100.0);
        let _ = writeln!(svg, "<line x1=\"{LEFT}\" y1=\"{0:.0}\" x2=\"{1}\" y2=\"{0:.0}\" stroke=\"#ddd\"/>", y(per_mille), WIDTH - 20.0);
        let _ = writeln!(svg, "<text x=\"{}\" y=\"{:.0}\" text-anchor=\"end\">{per_mille:.0}</text>", LEFT - 6.0, y(per_mille) + 4.0);
    }
    let _ = writeln!(svg, "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">recorded without a look</text>", WIDTH / 2.0, HEIGHT - 5.0);
    let _ = writeln!(
        svg,
        "<text x=\"14\" y=\"{0}\" text-anchor=\"middle\" transform=\"rotate(-90 14 {0})\">wrong in 1,000</text>",
        HEIGHT / 2.0
    );
    let _ = writeln!(svg, "<polyline points=\"{line}\" fill=\"none\" stroke=\"#1f5fa8\" stroke-width=\"2\"/>\n</svg>");
    std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/models/curve.svg"), svg)
}
