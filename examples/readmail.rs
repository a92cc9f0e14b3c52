fn main() {
    for path in std::env::args().skip(1) {
        let raw = std::fs::read(&path).unwrap();
        let mail = convoke::read::mail(&raw, &Default::default());
        println!("{}", serde_json::json!({"path": path, "mail": mail}));
    }
}
