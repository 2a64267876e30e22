//! The page that asks who and where.

use druid::kurbo::{BezPath, Circle, RoundedRect};
use druid::piet::RenderContext as _;
use druid::widget::{
    CrossAxisAlignment, Either, Flex, MainAxisAlignment, Painter, SizedBox, TextBox,
};
use druid::{Data, FontWeight, PaintCtx, Widget, WidgetExt as _};
use proto_std::session::{Error, ErrorKind};

use super::parts::{fixed, labelled, text};
use crate::commands as cmd;
use crate::controller::{Focus, OnEnter};
use crate::data::app::App;
use crate::data::login::Login;
use crate::data::save_as::capital;
use crate::data::words;
use crate::theme::{RADIUS, colours, fonts, grid};
use crate::widget::at_most::AtMost;
use crate::widget::button::{Button, Look};
use crate::widget::field::Weight;

const WIDTH: f64 = 360.0;

/// The page.
pub(crate) fn page() -> impl Widget<App> {
    let card = Flex::column()
        .cross_axis_alignment(CrossAxisAlignment::Fill)
        .with_child(head())
        .with_spacer(grid(4.0))
        .with_child(trouble().lens(App::login))
        .with_child(form().lens(App::login))
        .with_spacer(grid(3.0))
        .with_child(buttons().lens(App::login));
    Flex::column()
        .main_axis_alignment(MainAxisAlignment::Center)
        .with_child(AtMost::wide(WIDTH, card))
        .center()
        .background(colours::WINDOW)
}

fn head() -> impl Widget<App> {
    Flex::column()
        .with_child(Painter::new(draw_mark).fix_size(56.0, 56.0))
        .with_spacer(grid(2.0))
        .with_child(fixed("Haversack", fonts::GREAT, FontWeight::SEMI_BOLD, colours::TEXT))
        .with_spacer(grid(0.5))
        .with_child(fixed(
            "Chat and files, from your own server",
            fonts::BODY,
            FontWeight::REGULAR,
            colours::DIM,
        ))
}

fn form() -> impl Widget<Login> {
    let server = TextBox::new()
        .with_placeholder("192.168.1.5 or chat.example:50000")
        .controller(OnEnter(cmd::LOGIN))
        .controller(Focus::at_once())
        .with_id(cmd::SERVER_FIELD)
        .expand_width()
        .lens(Login::server);
    let name = TextBox::new()
        .with_placeholder("What others call you")
        .controller(OnEnter(cmd::LOGIN))
        .controller(Focus::when_told())
        .expand_width()
        .lens(Login::name);
    let secret = TextBox::new()
        .with_placeholder("52 letters and digits")
        .controller(OnEnter(cmd::LOGIN))
        .controller(Focus::when_told())
        .expand_width()
        .lens(Login::secret);
    let secret = labelled("Server's secret", secret, |login: &Login| {
        login.secret_error.as_ref().map(|why| (Weight::Wrong, why.to_string()))
    });
    let ask = Button::new("The server has a secret", |_, login: &mut Login| {
        login.has_secret = true;
    });
    let ask = Flex::row().with_child(ask.look(Look::Quiet).small());
    Flex::column()
        .cross_axis_alignment(CrossAxisAlignment::Fill)
        .with_child(labelled("Server", server, |login: &Login| {
            login.server_error.as_ref().map(|why| (Weight::Wrong, why.to_string()))
        }))
        .with_spacer(grid(2.0))
        .with_child(labelled("Name", name, |login: &Login| {
            login.name_error.as_ref().map(|why| (Weight::Wrong, why.to_string()))
        }))
        .with_spacer(grid(1.5))
        .with_child(Either::new(|login: &Login, _| login.has_secret, secret, ask))
        .disabled_if(|login, _| login.busy)
}

fn buttons() -> impl Widget<Login> {
    let login = Button::new("Log in", |ctx, _| ctx.submit_command(cmd::LOGIN)).look(Look::Primary);
    let busy = Flex::row()
        .with_flex_child(
            text(
                |login: &Login| format!("Connecting to {} …", login.server.trim()),
                fonts::BODY,
                FontWeight::REGULAR,
                colours::DIM,
            )
            .expand_width(),
            1.0,
        )
        .with_spacer(grid(1.0))
        .with_child(Button::new("Cancel", |ctx, _| ctx.submit_command(cmd::CANCEL_LOGIN)));
    Either::new(|login: &Login, _| login.busy, busy, login.expand_width())
}

/// What went wrong, with what to do about it; nothing while nothing did.
fn trouble() -> impl Widget<Login> {
    let error = |pick: fn(&Error) -> String| {
        move |login: &Login| {
            let error = login.trouble.as_deref().map(words::for_window);
            error.as_ref().map(pick).unwrap_or_default()
        }
    };
    let what =
        text(error(|error| capital(&error.what)), fonts::BODY, FontWeight::SEMI_BOLD, colours::BAD);
    let why = text(
        error(|error| format!("{}.", capital(&error.why))),
        fonts::SMALL,
        FontWeight::REGULAR,
        colours::TEXT,
    );
    let next = text(
        error(|error| error.next.to_string()),
        fonts::SMALL,
        FontWeight::REGULAR,
        colours::DIM,
    );
    let forget = Button::new("Forget the old key", |ctx, _: &mut Login| {
        ctx.submit_command(cmd::FORGET_SERVER);
    });
    let forget = Either::new(
        |login: &Login, _| kind(login) == Some(ErrorKind::KeyChanged),
        forget.small().padding((0.0, grid(1.0), 0.0, 0.0)),
        SizedBox::empty(),
    );
    let card = Flex::column()
        .cross_axis_alignment(CrossAxisAlignment::Start)
        .with_child(what)
        .with_spacer(grid(0.5))
        .with_child(why)
        .with_spacer(grid(0.5))
        .with_child(next)
        .with_child(forget)
        .padding(grid(1.5))
        .expand_width()
        .background(colours::BAD_SOFT)
        .rounded(RADIUS)
        .padding((0.0, 0.0, 0.0, grid(3.0)));
    Either::new(|login: &Login, _| login.trouble.is_some(), card, SizedBox::empty())
}

fn kind(login: &Login) -> Option<ErrorKind> {
    login.trouble.as_ref().map(|error| error.kind)
}

/// The mark: a haversack, as plain as can be.
pub(crate) fn draw_mark<T: Data>(ctx: &mut PaintCtx<'_, '_, '_>, _: &T, env: &druid::Env) {
    let square = ctx.size().to_rect();
    let unit = square.width() / 56.0;
    let accent = env.get(colours::ACCENT);
    let on = env.get(colours::ON_ACCENT);
    ctx.fill(RoundedRect::from_rect(square, 14.0 * unit), &accent);
    let mut strap = BezPath::new();
    strap.move_to((18.0 * unit, 24.0 * unit));
    strap.curve_to(
        (18.0 * unit, 8.0 * unit),
        (38.0 * unit, 8.0 * unit),
        (38.0 * unit, 24.0 * unit),
    );
    ctx.stroke(strap, &on, 3.0 * unit);
    ctx.fill(RoundedRect::new(13.0 * unit, 22.0 * unit, 43.0 * unit, 44.0 * unit, 6.0 * unit), &on);
    let mut flap = BezPath::new();
    flap.move_to((13.0 * unit, 28.0 * unit));
    flap.curve_to(
        (20.0 * unit, 36.0 * unit),
        (36.0 * unit, 36.0 * unit),
        (43.0 * unit, 28.0 * unit),
    );
    ctx.stroke(flap, &accent, 2.5 * unit);
    ctx.fill(Circle::new((28.0 * unit, 34.0 * unit), 2.6 * unit), &accent);
}
