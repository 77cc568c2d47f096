//! Environment, clock, randomness, sleep and modules.

use std::time::{Duration, SystemTime};

use super::*;
use monty_value::Value;

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

#[tokio::test]
async fn fixed_clock() {
    let instant = SystemTime::UNIX_EPOCH + Duration::new(951_782_399, 250_000_001);
    let system = System::new().clock(Clock::Fixed(instant));
    for system in [&system, &system.fresh()] {
        assert_eq!(system.now().await.unwrap(), instant);
        let monotonic = system.monotonic_now().await.unwrap();
        assert_eq!(monotonic, Duration::new(951_782_399, 250_000_001));
    }
    let before = SystemTime::UNIX_EPOCH - Duration::from_nanos(1);
    let system = System::new().clock(Clock::Fixed(before));
    assert_eq!(system.now().await.unwrap(), before);
    assert_eq!(system.monotonic_now().await.unwrap(), Duration::ZERO);
}

#[tokio::test]
async fn real_clock() {
    let system = System::new();
    let before = SystemTime::now();
    let now = system.now().await.unwrap();
    assert!(before <= now && now <= SystemTime::now());
    let one = system.monotonic_now().await.unwrap();
    assert!(one <= system.monotonic_now().await.unwrap());
}

#[tokio::test]
async fn random_bytes() {
    let seeded = |seed| System::new().randomness(Randomness::Seeded(seed));
    let (one, two) = (seeded(7), seeded(7));
    let first = one.random_bytes(40).await.unwrap();
    assert_eq!(first.len(), 40);
    assert_eq!(first, two.random_bytes(40).await.unwrap());
    assert_ne!(first, one.random_bytes(40).await.unwrap());
    assert_ne!(first, seeded(8).random_bytes(40).await.unwrap());
    assert_eq!(first, one.fresh().random_bytes(40).await.unwrap());
    let system = System::new();
    let real = system.random_bytes(40).await.unwrap();
    assert_ne!(real, system.random_bytes(40).await.unwrap());
    assert!(system.random_bytes(0).await.unwrap().is_empty());
    refused!(system.random_bytes(u64::MAX).await, Other(_));
}

#[tokio::test]
async fn the_bytes_of_a_seed_stay_the_same() {
    let bytes = System::new()
        .randomness(Randomness::Seeded(7))
        .random_bytes(8)
        .await;
    assert_eq!(bytes.unwrap(), [25, 69, 74, 39, 183, 82, 249, 5]);
}

#[tokio::test]
async fn sleep() {
    let system = System::new().sleep_policy(SleepPolicy::Wait {
        total: Duration::from_millis(50),
    });
    let started = std::time::Instant::now();
    system.sleep(Duration::from_millis(30)).await.unwrap();
    assert!(started.elapsed() >= Duration::from_millis(30));
    let error = system.sleep(Duration::from_millis(30)).await.unwrap_err();
    let ErrorCode::Raised(exception) = error else {
        panic!("{error:?}");
    };
    assert_eq!(exception.type_name, "TimeoutError");
    assert_eq!(
        exception.message.as_deref(),
        Some("this script may sleep 50ms in total")
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
