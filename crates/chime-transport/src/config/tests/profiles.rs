//! Profiles in two files.

use super::*;

fn files(config: &str, credentials: &str) -> [profile::SettingsFile; 2] {
    [config, credentials]
        .map(|text| profile::SettingsFile { path: "/file".into(), sections: ini::parse(text) })
}

#[test]
fn the_credentials_file_outranks_the_config_file() {
    let key =
        "aws_access_key_id = a\naws_secret_access_key = b\naws_session_token = c\nregion = r\n";
    let default = format!("[default]\n{key}");
    let twice = format!("[profile default]\nregion = p\n{default}");
    let with_process = format!("{default}credential_process = p\n");
    let (id, region, token) = ("aws_access_key_id", "region", "aws_session_token");
    for (name, config, credentials, property, expected) in [
        (
            "x",
            "[profile x]\nregion = 1\n[x]\nregion = 0",
            "[x]\n[profile x]\nregion = 3",
            region,
            "1",
        ),
        ("x", "[profile x]\nregion = 1", "[x]\nregion = 2", region, "2"),
        ("x", "[profile x]\nregion = 1\n[profile y]\n[profile x]\nregion = 3", "", region, "3"),
        ("two words", "[profile \"two words\"]\nregion = 1", "", region, "1"),
        ("default", &default, "", region, "r"),
        ("default", &twice, "", region, "p"),
        ("default", "[other]\nregion = 1", "", region, ""),
        // An access key comes from one file.
        ("default", &default, "[default]\naws_access_key_id = other", id, "other"),
        ("default", &default, "[default]\naws_access_key_id = other", token, ""),
        ("default", &default, "[default]\naws_access_key_id = other", region, "r"),
        ("default", &default, "[default]\nregion = s", token, "c"),
        // A process outranks an access key in the config file, but not one in the credentials file.
        ("default", &with_process, "", id, ""),
        ("default", &with_process, "", region, "r"),
        ("default", &default, "[default]\nlogin_session = l", id, ""),
        ("default", &default, "[default]\ncredential_process = p", id, ""),
        ("default", "[default]\ncredential_process = p", &default, id, "a"),
    ] {
        let mut files = files(config, credentials);
        let found = profile::Profile::find(Some(name), &mut files).ok().unwrap();
        assert_eq!(found.get(property).unwrap_or_default(), expected, "{config} {credentials}");
    }
}

#[test]
fn names_are_those_of_profiles_in_both_files() {
    let config = "region = r\n[default]\nregion = [x]\n[profile prod] # a\n[profile 'my team']\n\
        [sso-session s]\n[services local]\n [profile nested]\n[profile torn\n[bare]\n[profile ]";
    let credentials = "[prod]\r\naws_access_key_id = a\r\n[\"ci\"]\r\n[]\r\n";
    let files = files(config, credentials);
    let names: Vec<_> = profile::names(&files).into_iter().collect();
    assert_eq!(names, ["ci", "default", "my team", "nested", "prod", "torn"]);
}
