//! Runs the examples of the READMEs and guides as tests. All other tests are in `it`.

/// Runs the Rust examples of each Markdown file.
macro_rules! run_examples {
    ($($name:ident: $file:literal,)+) => {
        $(
            #[cfg_attr(doctest, doc = include_str!($file))]
            mod $name {}
        )+
    };
}

run_examples! {
    readme: "../../README.md",
    chime_client: "../../crates/chime-client/README.md",
    chime_local: "../../crates/chime-local/README.md",
    chime_model: "../../crates/chime-model/README.md",
    chime_transport: "../../crates/chime-transport/README.md",
    chime_wire: "../../crates/chime-wire/README.md",
    embedding: "../../docs/guides/embedding.md",
    events_and_lambda: "../../docs/guides/events-and-lambda.md",
    from_aws_sdk_chime: "../../docs/guides/from-aws-sdk-chime.md",
    from_boto3_and_the_aws_cli: "../../docs/guides/from-boto3-and-the-aws-cli.md",
    testing: "../../docs/guides/testing.md",
}
