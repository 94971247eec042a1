//! The built-in definitions, one file a theme, read by the same reader as anyone's own.

/// Name and text of each file, in the order of reading.
pub const FILES: &[(&str, &str)] = &[
    ("catalogue/dimensions.toml", include_str!("../catalogue/dimensions.toml")),
    ("catalogue/calls.toml", include_str!("../catalogue/calls.toml")),
    ("catalogue/outbound.toml", include_str!("../catalogue/outbound.toml")),
    ("catalogue/dialer.toml", include_str!("../catalogue/dialer.toml")),
    ("catalogue/floor.toml", include_str!("../catalogue/floor.toml")),
    ("catalogue/sales.toml", include_str!("../catalogue/sales.toml")),
    ("catalogue/pipeline.toml", include_str!("../catalogue/pipeline.toml")),
    ("catalogue/collections.toml", include_str!("../catalogue/collections.toml")),
    ("catalogue/queue.toml", include_str!("../catalogue/queue.toml")),
    ("catalogue/service.toml", include_str!("../catalogue/service.toml")),
    ("catalogue/workforce.toml", include_str!("../catalogue/workforce.toml")),
    ("catalogue/internal.toml", include_str!("../catalogue/internal.toml")),
    ("catalogue/symptoms.toml", include_str!("../catalogue/symptoms.toml")),
    ("catalogue/guide/outbound.toml", include_str!("../catalogue/guide/outbound.toml")),
    ("catalogue/guide/dialer.toml", include_str!("../catalogue/guide/dialer.toml")),
    ("catalogue/guide/floor.toml", include_str!("../catalogue/guide/floor.toml")),
    ("catalogue/guide/sales.toml", include_str!("../catalogue/guide/sales.toml")),
    ("catalogue/guide/pipeline.toml", include_str!("../catalogue/guide/pipeline.toml")),
    ("catalogue/guide/collections.toml", include_str!("../catalogue/guide/collections.toml")),
    ("catalogue/guide/queue.toml", include_str!("../catalogue/guide/queue.toml")),
    ("catalogue/guide/service.toml", include_str!("../catalogue/guide/service.toml")),
    ("catalogue/guide/workforce.toml", include_str!("../catalogue/guide/workforce.toml")),
    ("catalogue/guide/internal.toml", include_str!("../catalogue/guide/internal.toml")),
];

#[cfg(test)]
mod tests {
    use crate::{Catalogue, MetricRef};

    #[test]
    fn the_built_in_catalogue_has_no_problems() {
        let (catalogue, problems) = Catalogue::builtin();
        let found: Vec<String> = problems.into_vec().iter().map(ToString::to_string).collect();
        assert!(found.is_empty(), "{}", found.join("\n"));
        assert!(catalogue.metrics.len() >= 190);
    }

    #[test]
    fn counts_and_sums_add_up_over_time_and_rates_do_not() {
        let (catalogue, _) = Catalogue::builtin();
        let adds_up = |text: &str| {
            let metric = MetricRef::parse_list(text).unwrap().pop().unwrap();
            assert!(catalogue.resolve(&metric).is_ok(), "{text}");
            catalogue.adds_up(&metric)
        };
        for text in ["dials", "sales_revenue/net", "logged_hours"] {
            assert!(adds_up(text), "{text}");
        }
        for text in ["conversion_rate", "nps", "aht", "abandonment_30d/live_answers"] {
            assert!(!adds_up(text), "{text}");
        }
    }

    #[test]
    fn parts_of_a_rate_add_up_over_days_unless_they_count_who_was_called() {
        let (catalogue, _) = Catalogue::builtin();
        let adds_up = |text: &str| {
            let metric = MetricRef::parse_list(text).unwrap().pop().unwrap();
            assert!(catalogue.resolve(&metric).is_ok(), "{text}");
            catalogue.adds_up_over_days(&metric)
        };
        for text in ["dials", "conversion_rate/success_per_contact", "aht", "logged_hours"] {
            assert!(adds_up(text), "{text}");
        }
        for text in ["conversion_rate/success_per_lead", "nothing_of_this_name"] {
            let metric = MetricRef::parse_list(text).unwrap().pop().unwrap();
            assert!(!catalogue.adds_up_over_days(&metric), "{text}");
        }
    }

    #[test]
    fn every_metric_has_a_guide_and_every_definition_its_words() {
        let (catalogue, _) = Catalogue::builtin();
        let mut wanting = Vec::new();
        for metric in catalogue.metrics.values() {
            let Some(guide) = &metric.guide else {
                wanting.push(format!("{}: no [guide.{0}] in catalogue/guide/", metric.id));
                continue;
            };
            let texts = [
                &guide.when_to_use,
                &guide.insights,
                &guide.measurement,
                &guide.trends,
                &guide.charts,
                &guide.risks,
                &guide.tools,
                &guide.integrations,
                &guide.impact,
            ];
            if texts.iter().any(|t| t.len() < 20) || guide.questions.len() < 3 || guide.tips.len() < 3 {
                wanting.push(format!(
                    "{}: its guide in catalogue/guide/ has a text of less than 20 letters, or fewer than three questions or tips",
                    metric.id
                ));
            }
            if metric.signal.is_none() || metric.process.is_none() || metric.perspective.is_none() {
                wanting.push(format!("{}: signal, process or perspective is missing", metric.id));
            }
            for variant in metric.variants.iter().filter(|_| metric.variants.len() > 1) {
                if variant.about.is_empty() {
                    wanting.push(format!("{}/{}: says nothing", metric.id, variant.id));
                }
            }
        }
        assert!(wanting.is_empty(), "{}", wanting.join("\n"));
    }
}
