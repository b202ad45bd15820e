//! Tests of fault rules: how they apply, and which are invalid.

use std::time::Duration;

use chime_model::Exception;
use chime_model::chime::API;
use proptest::prelude::*;

use super::*;

/// The decisions about calls of these operations, in short.
fn decisions(faults: &str, operations: &[&str], random: f64) -> Vec<String> {
    let mut injector = Injector::new(Faults::parse(faults).unwrap());
    let short = |verdict: Verdict| {
        let delay = match verdict.delay.as_millis() {
            0 => String::new(),
            millis => format!("{millis} "),
        };
        let outcome = match verdict.outcome {
            Outcome::Handle => "answer".to_owned(),
            Outcome::Error(error) => format!("{} {}", error.status, error.exception),
            Outcome::Cut(point) => format!("{point:?}"),
        };
        delay + &outcome
    };
    let mut decide = |name: &str| injector.decide(API.operation(name).unwrap(), "1", || random);
    operations.iter().map(|operation| short(decide(operation))).collect()
}

#[test]
fn default_rules_change_nothing() {
    assert_eq!(decisions("{}", &["GetRoom"], 0.0), ["answer"]);
    assert_eq!(decisions(r#"{"Faults":[{}]}"#, &["GetRoom"], 0.0), ["answer"]);
}

#[test]
fn a_rule_applies_to_its_operation_a_number_of_times() {
    let faults = r#"{"Faults":[{"Operation":"GetRoom","Times":2,"Cut":"Before"}]}"#;
    let calls = ["GetRoom", "GetBot", "GetRoom", "GetRoom"];
    assert_eq!(decisions(faults, &calls, 0.0), ["Before", "answer", "Before", "answer"]);
}

#[test]
fn a_rule_applies_with_its_probability() {
    let faults = r#"{"Faults":[{"Probability":0.5,"Cut":"After"}]}"#;
    assert_eq!(decisions(faults, &["GetRoom"], 0.499), ["After"]);
    assert_eq!(decisions(faults, &["GetRoom"], 0.5), ["answer"]);
    let never = r#"{"Faults":[{"Probability":0,"Cut":"After"}]}"#;
    assert_eq!(decisions(never, &["GetRoom"], 0.0), ["answer"]);
}

#[test]
fn delays_add_up_until_an_error_or_a_cut() {
    let faults = r#"{"Faults":[
        {"DelayMillis":100},
        {"DelayMillis":20,"Times":1,"Error":{"Exception":"ForbiddenException"}},
        {"DelayMillis":3,"Cut":"After"}
    ]}"#;
    let expected = ["120 403 ForbiddenException", "103 After"];
    assert_eq!(decisions(faults, &["GetRoom", "GetRoom"], 0.0), expected);
}

#[test]
fn an_exception_has_its_documented_status() {
    for (name, status) in [
        ("ServiceFailureException", 500),
        ("ServiceUnavailableException", 503),
        ("ThrottledClientException", 429),
        ("UnprocessableEntityException", 422),
        ("ThrottlingException", 429),
        ("ExpiredTokenException", 403),
        ("InternalFailure", 500),
        ("SomethingElse", 400),
    ] {
        let faults = format!(r#"{{"Faults":[{{"Error":{{"Exception":"{name}"}}}}]}}"#);
        assert_eq!(decisions(&faults, &["GetRoom"], 0.0), [format!("{status} {name}")]);
    }
}

#[test]
fn each_aws_account_has_a_bucket() {
    let faults = Faults { throttle: Some(Throttle { rate: 1.0, burst: 2 }), ..Faults::default() };
    let mut injector = Injector::new(faults);
    let info = API.operation("GetRoom").unwrap();
    let mut calls = |caller: &str| {
        let mut call = || injector.decide(info, caller, || 0.0).outcome;
        (0..5).filter(|_| call() == Outcome::Handle).count()
    };
    assert_eq!(["1", "2", "1"].map(&mut calls), [2, 2, 0]);
}

#[test]
fn invalid_members_are_reported_with_their_paths() {
    for (text, error) in [
        (r#"{"Throttle":{"Rate":0,"Burst":1}}"#, "Throttle.Rate: must be greater than 0"),
        (r#"{"Throttle":{"Rate":1,"Burst":0}}"#, "Throttle.Burst: must be at least 1"),
        (
            r#"{"Faults":[{},{"Operation":"GetRooms"}]}"#,
            "Faults[1].Operation: no operation has this name",
        ),
        (r#"{"Faults":[{"Probability":2}]}"#, "Faults[0].Probability: must be between 0 and 1"),
        (
            r#"{"Faults":[{"Error":{"Exception":"a\r\nb"}}]}"#,
            "Faults[0].Error.Exception: must be letters and digits",
        ),
        (
            r#"{"Faults":[{"Cut":"After","Error":{"Exception":"A"}}]}"#,
            "Faults[0].Cut: cannot be combined with Error",
        ),
        (r#"{"Faults":[{"Service":"chimes"}]}"#, "Faults[0].Service: no service has this name"),
        (
            r#"{"Faults":[{"Service":"chime-sdk-meetings","Operation":"GetRoom"}]}"#,
            "Faults[0].Operation: no operation has this name",
        ),
    ] {
        assert_eq!(Faults::parse(text).unwrap_err().to_string(), error);
    }
    let fault = Fault { probability: -1.0, ..Fault::default() };
    let faults = Faults {
        throttle: Some(Throttle { rate: f64::NAN, burst: 0 }),
        faults: vec![fault.clone(), fault],
    };
    assert_eq!(faults.validate().unwrap_err().problems().len(), 4);
    let chime = crate::LocalChime::sample();
    assert!(chime.set_faults(faults.clone()).is_err());
    assert_eq!(chime.faults(), Faults::default());
    assert!(crate::LocalChime::new(crate::Config { faults, ..Default::default() }).is_err());
    for text in ["", "[1]", r#"{"Throtle":{}}"#, r#"{"Faults":[{"Cut":"Never"}]}"#] {
        assert!(Faults::parse(text).is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn rules_with_invalid_values_do_not_panic(
        rate in any::<f64>(),
        burst in any::<u32>(),
        probability in any::<f64>(),
        delay in any::<u32>(),
        random in 0.0..1.0f64,
    ) {
        let fault = Fault { probability, delay_millis: Some(delay), ..Fault::default() };
        let faults = Faults { throttle: Some(Throttle { rate, burst }), faults: vec![fault; 3] };
        let mut injector = Injector::new(faults);
        for _ in 0..3 {
            injector.decide(API.operation("GetRoom").unwrap(), "1", || random);
        }
    }
}

#[test]
fn a_rule_applies_to_its_service() {
    let applies = |service: &str| {
        let fault = Fault { service: Some(service.to_owned()), ..Fault::default() };
        let cut = Fault { cut: Some(CutPoint::Before), ..fault };
        let mut injector = Injector::new(Faults { faults: vec![cut], ..Faults::default() });
        let mut outcome = |api: &Api| injector.decide(api.operations[0], "1", || 0.0).outcome;
        [&API, &chime_model::meetings::API].map(|api| outcome(api) != Outcome::Handle)
    };
    assert_eq!(applies("chime"), [true, false]);
    assert_eq!(applies("chime-sdk-meetings"), [false, true]);
}

#[test]
fn each_service_has_its_own_error_for_throttled_calls() {
    for (operation, exception) in [
        (API.operation("GetRoom"), Exception::ThrottledClient),
        (chime_model::meetings::API.operation("GetMeeting"), Exception::Throttling),
        (
            chime_model::media_pipelines::API.operation("GetMediaPipeline"),
            Exception::ThrottledClient,
        ),
    ] {
        let throttle = Some(Throttle { rate: 0.001, burst: 1 });
        let mut injector = Injector::new(Faults { throttle, ..Faults::default() });
        let mut outcome = || injector.decide(operation.unwrap(), "1", || 0.0).outcome;
        assert_eq!(outcome(), Outcome::Handle);
        assert!(matches!(outcome(), Outcome::Error(error) if error.exception == exception));
    }
}

#[test]
fn an_error_can_have_a_retry_after_header() {
    let bench = crate::testing::Bench::sample();
    let faults = Faults::parse(
        r#"{"Faults":[{"Error":{"Exception":"ServiceUnavailableException","RetryAfterSeconds":7}}]}"#,
    );
    bench.chime.set_faults(faults.unwrap()).unwrap();
    let answer = bench.send("GET", "/accounts", "");
    assert_eq!((answer.status(), answer.header("retry-after")), (503, Some("7")));
}

#[tokio::test(start_paused = true)]
async fn buckets_refill_by_the_tokio_clock() {
    let faults = Faults { throttle: Some(Throttle { rate: 2.0, burst: 1 }), ..Faults::default() };
    let mut injector = Injector::new(faults);
    let info = API.operation("GetRoom").unwrap();
    let mut answers = || injector.decide(info, "1", || 0.0).outcome == Outcome::Handle;
    assert_eq!([answers(), answers()], [true, false]);
    tokio::time::advance(Duration::from_millis(500)).await;
    assert_eq!([answers(), answers()], [true, false]);
}
