//! Environment, clock, randomness, sleep and modules.

use std::time::{Duration, Instant, SystemTime};

use super::*;
use monty_value::{Date, TimeZone, Value};

#[tokio::test]
async fn environment() {
    let system = System::new();
    assert_eq!(system.getenv("PATH").await.unwrap(), None);
    assert!(system.environ().await.unwrap().is_empty());
    let system = system.env("B", "2").envs([("A", "1"), ("B", "3")]);
    assert_eq!(system.getenv("B").await.unwrap().as_deref(), Some("3"));
    let all = system.environ().await.unwrap();
    assert_eq!(all, [("A".into(), "1".into()), ("B".into(), "3".into())]);
    let shown = format!("{:?}", System::new().env("TOKEN", "hunter2"));
    assert!(
        shown.contains("TOKEN") && !shown.contains("hunter2"),
        "{shown}"
    );
}

fn at(seconds: u64, micros: u32) -> Clock {
    Clock::Fixed(SystemTime::UNIX_EPOCH + Duration::new(seconds, micros * 1000))
}

#[tokio::test]
async fn fixed_clock() {
    let system = System::new().clock(at(951_782_399, 250_000));
    let date = Date {
        year: 2000,
        month: 2,
        day: 28,
    };
    assert_eq!(system.date_today().await.unwrap(), date);
    let now = system.datetime_now(None).await.unwrap();
    assert_eq!(
        format!("{now:?}"),
        "Datetime { date: Date { year: 2000, month: 2, day: 28 }, hour: 23, minute: 59, \
         second: 59, microsecond: 250000, timezone: None }"
    );
    for caller in [
        TimeCaller::Time,
        TimeCaller::Monotonic,
        TimeCaller::Localtime,
    ] {
        assert_eq!(system.time(caller).await.unwrap(), 951_782_399.25);
    }
}

#[tokio::test]
async fn time_zones() {
    let zone = |hours: i32| TimeZone {
        offset_seconds: hours * 3600,
        name: None,
    };
    let system = System::new()
        .clock(at(951_782_399, 0))
        .local_timezone(zone(1));
    let today = system.date_today().await.unwrap();
    assert_eq!((today.month, today.day), (2, 29));
    let local = system.datetime_now(None).await.unwrap();
    assert_eq!((local.date.day, local.hour, local.timezone), (29, 0, None));
    let west = system.datetime_now(Some(zone(-8))).await.unwrap();
    assert_eq!((west.date.day, west.hour), (28, 15));
    assert_eq!(west.timezone, Some(zone(-8)));
}

#[tokio::test]
async fn times_at_the_edges() {
    let before = Clock::Fixed(SystemTime::UNIX_EPOCH - Duration::from_micros(1));
    let system = System::new().clock(before);
    let now = system.datetime_now(None).await.unwrap();
    assert_eq!(
        (now.date.year, now.hour, now.second, now.microsecond),
        (1969, 23, 59, 999_999)
    );
    let late = System::new().clock(at(253_402_300_800, 0));
    refused!(late.date_today().await, InvalidArgument);
}

#[tokio::test]
async fn real_clock() {
    let system = System::new();
    let real = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap()
        .as_secs_f64();
    for caller in [TimeCaller::Time, TimeCaller::PerfCounter] {
        let seconds = system.time(caller).await.unwrap();
        assert!((seconds - real).abs() < 60.0, "{seconds}");
    }
    assert!(system.date_today().await.unwrap().year >= 2025);
}

#[tokio::test]
async fn random_bytes() {
    let seeded = |seed| System::new().random(Random::Seeded(seed));
    let (one, two) = (seeded(7), seeded(7));
    let first = one.urandom(40).await.unwrap();
    assert_eq!(first.len(), 40);
    assert_eq!(first, two.urandom(40).await.unwrap());
    assert_ne!(first, one.urandom(40).await.unwrap());
    assert_ne!(first, seeded(8).urandom(40).await.unwrap());
    assert_eq!(first, one.fresh().urandom(40).await.unwrap());
    let system = System::new();
    let real = system.urandom(40).await.unwrap();
    assert_ne!(real, system.urandom(40).await.unwrap());
    assert!(system.urandom(0).await.unwrap().is_empty());
    refused!(system.urandom(u64::MAX).await, Other(_));
}

#[tokio::test]
async fn the_bytes_of_a_seed_stay_the_same() {
    let bytes = System::new().random(Random::Seeded(7)).urandom(8).await;
    assert_eq!(bytes.unwrap(), [25, 69, 74, 39, 183, 82, 249, 5]);
}

#[tokio::test]
async fn sleep() {
    let system = System::new().sleep_policy(SleepPolicy::Wait {
        total: Duration::from_millis(50),
    });
    let started = Instant::now();
    system.sleep(Duration::from_millis(30)).await.unwrap();
    assert!(started.elapsed() >= Duration::from_millis(30));
    let error = system.sleep(Duration::from_millis(30)).await.unwrap_err();
    let ErrorCode::Raised(exception) = error else {
        panic!("{error:?}");
    };
    assert_eq!(exception.type_name, "TimeoutError");
    assert_eq!(
        exception.message.as_deref(),
        Some("this script may sleep for 50ms in all")
    );
    system.sleep(Duration::from_millis(10)).await.unwrap();
    system
        .fresh()
        .sleep(Duration::from_millis(30))
        .await
        .unwrap();
    let by_default = System::new().sleep(Duration::from_secs(11)).await;
    refused!(by_default, Raised(_));
    let hour = Duration::from_secs(3600);
    let skipping = System::new().sleep_policy(SleepPolicy::Skip);
    skipping.sleep(hour).await.unwrap();
    assert!(started.elapsed() < hour);
}

#[tokio::test]
async fn modules() {
    let module = Value::from(monty_value::Module::new("tools", monty_value::Dict::new()));
    let system = System::new().module("tools", module.clone());
    assert_eq!(system.import_module("tools").await.unwrap(), module);
    refused!(system.import_module("os").await, NotFound);
}
