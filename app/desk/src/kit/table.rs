//! A table whose rows become cards on a narrow screen.

use leptos::prelude::*;

/// Below each other numbers are compared by their places.
const NUMBER: &str = "sb-number";

/// The table; `children` are its rows, of [`Cell`]s.
///
/// The roles repeat what the elements mean, because rows drawn as cards make
/// browsers forget the table.
#[component]
pub(crate) fn Table(
    /// What is in it.
    #[prop(into)]
    label: Signal<&'static str>,
    /// The columns' names, in order; none where the buttons of a row say what they do.
    #[prop(into)]
    columns: Signal<Vec<&'static str>>,
    /// Which of them, by their places, have numbers; so do their cells.
    #[prop(optional)]
    numbers: &'static [usize],
    children: Children,
) -> impl IntoView {
    let heads = move || {
        columns
            .get()
            .into_iter()
            .enumerate()
            .map(|(place, name)| match name {
                "" => view! { <td role="cell"></td> }.into_any(),
                name => {
                    let class = numbers.contains(&place).then_some(NUMBER);
                    view! { <th role="columnheader" scope="col" class=class>{name}</th> }.into_any()
                }
            })
            .collect_view()
    };
    view! {
        <table class="sb-table" role="table" aria-label=move || label.get()>
            <thead role="rowgroup">
                <tr role="row">{heads}</tr>
            </thead>
            <tbody role="rowgroup">{children()}</tbody>
        </table>
    }
}

/// A cell; a card shows the column's name beside it.
#[component]
pub(crate) fn Cell(
    /// The column's name.
    #[prop(into)]
    column: Signal<&'static str>,
    /// Whether a number is in it.
    #[prop(optional)]
    number: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <td role="cell" class=number.then_some(NUMBER) data-column=move || column.get()>
            {children()}
        </td>
    }
}
