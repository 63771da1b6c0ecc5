//! The bundle a visitor loads: the call panel.

fn main() {
    app::widget::mount();
}
