//! Requests from the peer.

use std::cell::Cell;

use serde_json::json;

use crate::{
    error::disconnect_reason::DisconnectReason,
    interface::MethodKind,
    message::{
        self, Invocation,
        error_object::{ErrorObject, code},
        id::Id,
        response_body::ResponseBody,
    },
    peer::{
        connection::Phase,
        handshake::answer::{self, Rejection},
        incoming::{
            context::Asked,
            control,
            dispatch::{Dispatch, begun::Begun, fatal_input::FatalInput},
            responder::Responder,
            run,
            service::Incoming,
        },
        session::resolver::Refused,
        state::{batch::Recipient, call_depth},
    },
    transport::carrier::CloseKind,
};

impl Dispatch {
    pub(crate) fn request(
        &mut self,
        to: Recipient,
        call: &Invocation<'_>,
    ) -> Result<(), FatalInput> {
        if self.refused_by_batch(&to, call) {
            return Ok(());
        }
        // Before the session is settled, since the handshake may ask for another one.
        if &*call.method == "rpc.handshake" {
            return self.handshake(&to, call.params);
        }
        self.settle();
        let is_apps = || self.handlers.discovering(&call.method).is_some();
        if message::is_reserved(&call.method) && !is_apps() {
            self.reserved_request(&to, call);
            return Ok(());
        }
        self.app_request(&to, call);
        Ok(())
    }

    /// Begins a request whose params are the rest of its message. Nothing comes of it unless that
    /// is a well-formed message.
    pub(crate) fn formed_request(&mut self, id: u64, call: &Invocation<'_>) -> Begun {
        // Middleware sees the params as they came, and has to get exactly one value.
        let is_watched = self.connection.session().hooks().is_some();
        let is_settled = self.is_established && self.resolver.is_none();
        if is_watched || !is_settled || message::is_reserved(&call.method) {
            return Begun::No;
        }
        let misread = Cell::new(false);
        let to = Recipient::new(Id::Number(id), None);
        match self.begin_request(&to, call, Some(&misread)) {
            Ok(true) if !misread.get() => Begun::Yes,
            Ok(_) => Begun::No,
            Err(refused) => Begun::Refused(refused),
        }
    }

    fn app_request(&mut self, to: &Recipient, call: &Invocation<'_>) {
        if let Err(refused) = self.begin_request(to, call, None) {
            // A request with the same id may be in flight, and goes on.
            self.connection.answer_beside(to, ResponseBody::Error(&refused));
        }
    }

    /// Begins a request; `Err` if it is refused. With `misread` (see [`Incoming::of_rest`]), no
    /// handler is created for it, and `false` says that one would have to be.
    fn begin_request(
        &mut self,
        to: &Recipient,
        call: &Invocation<'_>,
        misread: Option<&Cell<bool>>,
    ) -> Result<bool, ErrorObject> {
        let asked = Asked::parse(self.encoding(), call.extension);
        let (depth, resume, chosen) = (asked.depth(), asked.resume(), asked.subscription());
        self.admit(to, &call.method, depth)?;
        let target = match misread {
            None => self.handlers.find(&call.method)?,
            Some(_) => match self.handlers.find_made(&call.method)? {
                Some(target) => target,
                None => return Ok(false),
            },
        };
        let called = target.called();
        let place = match called.kind() {
            MethodKind::Subscription => {
                Some(self.connection.reserve_subscription(called.name(), chosen)?)
            }
            _ => None,
        };
        let mut responder =
            Responder::new(&self.connection, Some(to.clone()), called, asked, call.params)?;
        responder.hold(place);
        let incoming = match misread {
            None => Incoming::new(call.params, responder),
            Some(misread) => Incoming::of_rest(call.params, responder, misread),
        };
        if let Some(rest) = run::begin(&target, incoming, depth, resume) {
            run::spawn_request(&self.connection, to.id.clone(), rest);
        }
        Ok(true)
    }

    /// Checks whether one more request may begin now.
    fn admit(&self, to: &Recipient, method: &str, depth: u8) -> Result<(), ErrorObject> {
        if self.connection.must_greet() {
            let why = format!("{method} did not run: call rpc.handshake first");
            return Err(ErrorObject::new(code::HANDSHAKE_REQUIRED, why));
        }
        let limits = self.connection.limits();
        let limit = call_depth::places(limits.max_in_flight, depth);
        let total = limits.max_in_flight_total;
        let in_all = self.connection.session().gauges().requests();
        self.connection.with_state(|state| {
            if state.running.contains(&to.id) {
                let why = format!("a request with the id {} is in flight already", to.id);
                return Err(ErrorObject::new(code::INVALID_REQUEST, why));
            }
            if !matches!(state.phase, Phase::Open) {
                let why = format!("{method} did not run: this side is closing");
                return Err(ErrorObject::new(code::CLOSING, why));
            }
            if state.running.len() >= limit {
                let why = format!("{method} did not run: no more requests may be in flight at once (limit: {limit})");
                let reached = json!({ "limit": "maxInFlight", "value": limit });
                return Err(ErrorObject::new(code::LIMIT_REACHED, why).with_data(&reached));
            }
            if in_all >= total {
                let why = format!("{method} did not run: no more requests of all peers may be in flight at once (limit: {total})");
                let reached = json!({ "limit": "maxInFlightTotal", "value": total });
                return Err(ErrorObject::new(code::LIMIT_REACHED, why).with_data(&reached));
            }
            Ok(())
        })
    }

    fn reserved_request(&self, to: &Recipient, call: &Invocation<'_>) {
        let answer = match &*call.method {
            "rpc.ping" => Ok(self.encoding().null().to_vec()),
            "rpc.unsubscribe" => control::unsubscribe(&self.connection, call.params),
            name => {
                let why = format!("there is no method `{name}`: rpc.* and $/* are reserved");
                Err(ErrorObject::new(code::METHOD_NOT_FOUND, why))
            }
        };
        match answer {
            Ok(result) => self.connection.answer_beside(to, ResponseBody::Result(&result)),
            Err(error) => self.connection.answer_beside(to, ResponseBody::Error(&error)),
        }
    }

    fn handshake(&mut self, to: &Recipient, params: Option<&[u8]>) -> Result<(), FatalInput> {
        // A backend would send a hello of its own.
        if params.is_some_and(|params| self.connection.is_own_greeting(params)) {
            let why = "it only sends back what it is sent, so it is no backend";
            return Err(FatalInput::new(why, CloseKind::Refused));
        }
        let resolver = self.resolver.as_deref().filter(|_| self.may_resume);
        let (error, reason) = match answer::answer(&self.connection, params, resolver) {
            Ok((answer, opened)) => {
                self.connection.answer_beside(to, ResponseBody::Result(&answer));
                // Only once the answer is queued: a request of ours ahead of it would be read
                // without knowing what the answer says. And before anything that the peer sends
                // next.
                self.settle();
                self.handlers.opened(&opened);
                return Ok(());
            }
            Err(Rejection::Error(error)) if self.is_stranger => {
                // A stranger has one attempt.
                let why = "it did not show the token";
                (error, DisconnectReason::Unauthorized(why.into()))
            }
            Err(Rejection::Error(error)) => {
                self.connection.answer_beside(to, ResponseBody::Error(&error));
                return Ok(());
            }
            Err(Rejection::Refused(Refused::Superseded)) => {
                let why = "rpc.handshake: a later attempt of this session has come in before";
                (ErrorObject::new(code::INVALID_REQUEST, why), DisconnectReason::Replaced)
            }
            Err(Rejection::Refused(Refused::Closed)) => {
                self.connection.refuse_for_good();
                let why = "rpc.handshake: this session was closed";
                (ErrorObject::new(code::CLOSING, why), DisconnectReason::ClosedHere)
            }
        };
        self.connection.answer_beside(to, ResponseBody::Error(&error));
        let kind = match reason {
            DisconnectReason::Unauthorized(_) => CloseKind::Refused,
            _ => CloseKind::Normal,
        };
        Err(FatalInput { reason, kind })
    }
}
