//! Compares our endpoints with those of AWS's own rule sets, which are read here as data.
//!
//! `endpoint-rules` has AWS's rule set of each service, and `partitions.json` is the table for the function
//! `aws.partition`.

use chime_model::{SERVICES, Service};
use chime_transport::endpoint::EndpointError;
use chime_transport::{Config, ConfigError, EndpointParams};
use regex_lite::Regex;
use serde_json::{Map, Value, json};

/// The rules of the services, in the order of [`SERVICES`].
const RULE_SETS: [&str; 6] = [
    include_str!("data/endpoint-rules/chime.json"),
    include_str!("data/endpoint-rules/identity.json"),
    include_str!("data/endpoint-rules/media-pipelines.json"),
    include_str!("data/endpoint-rules/meetings.json"),
    include_str!("data/endpoint-rules/messaging.json"),
    include_str!("data/endpoint-rules/voice.json"),
];
const PARTITIONS: &str = include_str!("data/partitions.json");

/// Regions that are not in the table, but match the pattern of a partition.
const NEW: &str = "us-mars-9 il-mars-10 cn-mars-9 us-gov-mars-9 eusc-de-mars-9 us-iso-mars-9 \
    us-isob-mars-9 eu-isoe-mars-9 us-isof-mars-9 us-gov-1";

/// Regions that match no pattern, although some begin like a known region.
const STRANGE: &str = "mars cn-foo cn-1 cn--1 cn-north-1a cn-north-west-1 CN-north-1 xcn-north-1 \
    us-gov-west us-gov-1-west eusc-fr-mars-1 aws-eusc-global us-isox-mars-1 aws-cn-global-1";

/// A URL and the region to sign for, or an error.
type Outcome = Result<(String, String), EndpointError>;

struct Rules {
    service: &'static Service,
    rules: Value,
    partitions: Vec<(Value, Regex)>,
}

impl Rules {
    fn new(service: &'static Service, rule_set: &str) -> Self {
        let rule_set: Value = serde_json::from_str(rule_set).unwrap();
        let rows: Vec<Value> = serde_json::from_str(PARTITIONS).unwrap();
        let regex = |row: &Value| Regex::new(row["regionRegex"].as_str().unwrap()).unwrap();
        let partitions = rows.into_iter().map(|row| (row.clone(), regex(&row))).collect();
        Self { service, rules: rule_set["rules"].clone(), partitions }
    }

    /// Applies the first rule whose conditions hold. A condition may also set a variable.
    fn apply(&self, rules: &Value, variables: &Map<String, Value>) -> Outcome {
        let mut said = rules.as_array().unwrap().iter().filter_map(|rule| {
            let mut variables = variables.clone();
            let holds = rule["conditions"].as_array().unwrap().iter().all(|condition| {
                let value = self.value(condition, &variables);
                if let Some(name) = condition["assign"].as_str() {
                    variables.insert(name.to_owned(), value.clone());
                }
                !matches!(value, Value::Null | Value::Bool(false))
            });
            holds.then(|| match rule["type"].as_str().unwrap() {
                "tree" => self.apply(&rule["rules"], &variables),
                "endpoint" => Ok(self.endpoint(&rule["endpoint"], &variables)),
                "error" => Err(refusal(rule["error"].as_str().unwrap())),
                other => panic!("a rule of type {other}"),
            })
        });
        said.next().expect("a rule for every case")
    }

    fn endpoint(&self, endpoint: &Value, variables: &Map<String, Value>) -> (String, String) {
        let scope = &endpoint["properties"]["authSchemes"][0];
        let signing_name = self.service.signing_name;
        assert_eq!(scope["signingName"].as_str().unwrap_or(signing_name), signing_name);
        // If the rules name no signing region, it is the client's region.
        let region = scope["signingRegion"].as_str().or(variables["Region"].as_str());
        let url = self.value(&endpoint["url"], variables);
        (url.as_str().unwrap().to_owned(), region.unwrap_or_default().to_owned())
    }

    fn value(&self, expression: &Value, variables: &Map<String, Value>) -> Value {
        if let Some(name) = expression["ref"].as_str() {
            return variables[name].clone();
        }
        if let Some(template) = expression.as_str() {
            return json!(filled(template, variables));
        }
        let Some(function) = expression["fn"].as_str() else { return expression.clone() };
        let arguments = expression["argv"].as_array().unwrap();
        let arguments: Vec<_> =
            arguments.iter().map(|value| self.value(value, variables)).collect();
        match (function, arguments.as_slice()) {
            ("isSet", [value]) => json!(!value.is_null()),
            ("booleanEquals" | "stringEquals", [one, other]) => json!(one == other),
            ("getAttr", [value, name]) => value[name.as_str().unwrap()].clone(),
            ("aws.partition", [region]) => self.partition(region.as_str().unwrap()),
            other => panic!("{other:?}"),
        }
    }

    /// Finds the partition of a region by its list of regions, or else by its regex. Default: `aws`, the first.
    fn partition(&self, region: &str) -> Value {
        let listed = |(row, _): &&(Value, Regex)| {
            row["regions"].as_array().unwrap().iter().any(|known| known == region)
        };
        let alike = |(_, regex): &&(Value, Regex)| regex.is_match(region);
        let partitions = || self.partitions.iter();
        let found = partitions().find(listed).or_else(|| partitions().find(alike));
        found.unwrap_or(&self.partitions[0]).0["outputs"].clone()
    }
}

/// Replaces `{name}` and `{name#attribute}` in a template.
fn filled(template: &str, variables: &Map<String, Value>) -> String {
    let reference = Regex::new(r"\{(\w+)(?:#(\w+))?\}").unwrap();
    let value = |captures: &regex_lite::Captures<'_>| {
        let whole = &variables[&captures[1]];
        let value = captures.get(2).map_or(whole, |attribute| &whole[attribute.as_str()]);
        value.as_str().unwrap().to_owned()
    };
    reference.replace_all(template, value).into_owned()
}

/// Converts an error of the rules into ours. Every partition supports FIPS and dual stack, so errors about
/// missing support need no conversion.
fn refusal(text: &str) -> EndpointError {
    match text {
        "Invalid Configuration: FIPS and custom endpoint are not supported" => {
            EndpointError::FipsWithUrl
        }
        "Invalid Configuration: Dualstack and custom endpoint are not supported" => {
            EndpointError::DualStackWithUrl
        }
        "Invalid Configuration: Missing Region" => EndpointError::MissingRegion,
        other => panic!("{other}"),
    }
}

fn ours(service: &Service, config: &Config) -> Outcome {
    let params = EndpointParams {
        id: service.id,
        prefix: service.endpoint_prefix,
        signing_name: service.signing_name,
        global_region: service.global_region,
        // The rules yield a host for every region, even where the service does not exist.
        regions: &[],
    };
    match config.endpoint(&params) {
        Ok(endpoint) => {
            assert_eq!(&*endpoint.scope().service, service.signing_name);
            Ok((endpoint.to_string(), endpoint.scope().region.to_string()))
        }
        Err(ConfigError::Endpoint(error)) => Err(error),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn endpoints_match_the_rule_sets() {
    for (service, rule_set) in SERVICES.iter().zip(RULE_SETS) {
        assert!(rule_set.contains(&format!("//{}.", service.endpoint_prefix)), "{}", service.id);
        compare(service, &Rules::new(service, rule_set));
    }
}

fn compare(service: &Service, rules: &Rules) {
    let theirs = |config: &Config, region: Option<&str>| {
        let variables = json!({
            "Region": region,
            "UseFIPS": config.use_fips,
            "UseDualStack": config.use_dual_stack,
            "Endpoint": config.endpoint_url,
        });
        rules.apply(&rules.rules, variables.as_object().unwrap())
    };
    let listed = rules.partitions.iter().flat_map(|(row, _)| row["regions"].as_array().unwrap());
    let regions = listed
        .map(|region| region.as_str().unwrap())
        .chain(NEW.split(' '))
        .chain(STRANGE.split(' '));
    for region in regions.map(Some).chain([None]) {
        for case in 0..8 {
            let mut config = Config::default();
            config.region = region.map(str::to_owned);
            config.use_fips = case & 1 != 0;
            config.use_dual_stack = case & 2 != 0;
            config.endpoint_url = (case & 4 != 0).then(|| "https://chime.example:1/x".to_owned());
            // The only difference is when a region is required: a service with a single region never requires
            // one, and any other service always requires one, to sign.
            if region.is_none() && config.endpoint_url.is_none() {
                assert_eq!(theirs(&config, None), Err(EndpointError::MissingRegion));
            }
            let region = region.or(service.global_region);
            let theirs = match theirs(&config, region) {
                Ok((_, signed)) if signed.is_empty() => Err(EndpointError::MissingRegion),
                // Ours are in lower case, as they are sent and signed.
                Ok((url, signed)) => Ok((url.to_ascii_lowercase(), signed)),
                Err(error) => Err(error),
            };
            assert_eq!(ours(service, &config), theirs, "{} {region:?} {case}", service.id);
        }
    }
}

#[test]
fn every_service_reads_its_endpoint_url_from_the_environment_and_from_files() {
    let ids = [
        "chime",
        "chime_sdk_identity",
        "chime_sdk_media_pipelines",
        "chime_sdk_meetings",
        "chime_sdk_messaging",
        "chime_sdk_voice",
    ];
    let section = |id: &str| format!("{id} =\n  endpoint_url = https://{id}.file\n");
    let file = format!(
        "[default]\nregion = us-east-1\nservices = own\n[services own]\n{}",
        ids.map(section).concat()
    );
    for (service, id) in SERVICES.iter().zip(ids) {
        let variable = format!("AWS_ENDPOINT_URL_{}", id.to_uppercase());
        for (vars, expected) in [
            (vec![(variable, "https://own.env".to_owned())], "https://own.env".to_owned()),
            (vec![], format!("https://{id}.file")),
        ] {
            let home = [("HOME".to_owned(), "/u".to_owned())];
            let config = Config::load_from(home.into_iter().chain(vars), None, |path| {
                let is_config = path.ends_with(".aws/config");
                is_config.then(|| file.clone()).ok_or(std::io::ErrorKind::NotFound.into())
            });
            assert_eq!(ours(service, &config.unwrap()).unwrap().0, expected);
        }
    }
}
