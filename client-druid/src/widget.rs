//! Small widgets that Druid lacks, each in a file of its own; they know nothing of Haversack but
//! its theme.
//!
//! Read in this order: `icon`, `keyboard`; `button`, `field`, `toggle`; `scrollbar`, `rows`;
//! `heights`, `measured`, `tall_rows`; `menu`, `layers`; `toast`, `bar`, `at_most`, `on_change`.

pub(crate) mod icon;
pub(crate) mod keyboard;

pub(crate) mod button;
pub(crate) mod field;
pub(crate) mod toggle;

pub(crate) mod scrollbar;

pub(crate) mod rows;

pub(crate) mod heights;
pub(crate) mod measured;
pub(crate) mod tall_rows;

pub(crate) mod layers;
pub(crate) mod menu;

pub(crate) mod at_most;
pub(crate) mod bar;
pub(crate) mod card;
pub(crate) mod toast;
