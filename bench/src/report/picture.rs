//! Curves as SVG.

use std::error::Error;
use std::ops::Range;

use plotters::prelude::*;

const SIZE: (u32, u32) = (760, 420);
const FONT: &str = "sans-serif";
/// Told apart by people of any sight (Okabe and Ito's); Haversack comes first.
const COLOURS: [RGBColor; 7] = [
    RGBColor(213, 94, 0),
    RGBColor(0, 114, 178),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(230, 159, 0),
    RGBColor(0, 0, 0),
];

/// A picture, and the name of its file.
pub struct Picture {
    /// Without its ending.
    pub name: &'static str,
    /// The SVG.
    pub svg: String,
}

/// One line of a picture.
pub struct Curve {
    /// What it is of.
    pub name: String,
    /// In order.
    pub points: Vec<(f64, f64)>,
}

impl Picture {
    /// Draws curves over axes that say what they are; `y` ends at `top`.
    pub fn draw(
        name: &'static str,
        [title, x, y]: [&str; 3],
        top: f64,
        curves: &[Curve],
    ) -> Result<Self, String> {
        let mut svg = String::new();
        draw(&mut svg, [title, x, y], top, curves).map_err(|error| error.to_string())?;
        Ok(Self { name, svg })
    }
}

fn draw(
    svg: &mut String,
    [title, x, y]: [&str; 3],
    top: f64,
    curves: &[Curve],
) -> Result<(), Box<dyn Error>> {
    let area = SVGBackend::with_string(svg, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .caption(title, (FONT, 18))
        .margin(12)
        .x_label_area_size(42)
        .y_label_area_size(56)
        .build_cartesian_2d(reach(curves), 0.0..top)?;
    chart.configure_mesh().x_desc(x).y_desc(y).label_style((FONT, 13)).max_light_lines(0).draw()?;
    for (curve, colour) in curves.iter().zip(COLOURS.iter().cycle()) {
        let points = curve.points.iter().copied();
        let line = LineSeries::new(points.clone(), colour.stroke_width(2));
        chart
            .draw_series(line)?
            .label(&curve.name)
            .legend(|(x, y)| PathElement::new(vec![(x, y), (x + 16, y)], colour.stroke_width(2)));
        if curve.points.len() < 20 {
            chart.draw_series(points.map(|point| Circle::new(point, 3, colour.filled())))?;
        }
    }
    let mut legend = chart.configure_series_labels();
    legend.position(SeriesLabelPosition::UpperRight);
    legend.background_style(WHITE.mix(0.8)).border_style(BLACK.mix(0.3));
    legend.label_font((FONT, 13)).draw()?;
    area.present()?;
    Ok(())
}

fn reach(curves: &[Curve]) -> Range<f64> {
    let all = || curves.iter().flat_map(|curve| curve.points.iter().map(|(x, _)| *x));
    let least = all().fold(f64::INFINITY, f64::min);
    let most = all().fold(f64::NEG_INFINITY, f64::max);
    if least < most { least..most } else { 0.0..1.0 }
}
