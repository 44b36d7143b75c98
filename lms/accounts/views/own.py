"""我的账号: what somebody sees and does about their own account."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from lms.accounts import queries
from lms.accounts.operations import identities
from lms.accounts.rules import is_staff
from lms.accounts.views.sessions import asks_factor, bp
from lms.http.access import needs_fresh, signed_in
from lms.http.unit_of_work import reading, writing
from lms.kernel.clock import utc_now


@bp.get("/account")
@signed_in
def account() -> ResponseReturnValue:
    """Show one's own account: password, second factor, recent sign-ins."""
    return render_template(
        "accounts/account.html",
        standing=queries.standing(reading(), current_user.id),
        signed_in=queries.recent_sign_ins(reading(), current_user.id),
        identities=queries.identities_of(reading(), current_user.id),
        factor_needed=asks_factor() and is_staff(current_user.grants),
    )


@bp.post("/account/identities/<int:identity_id>/unlink")
@signed_in
@needs_fresh
def unlink(identity_id: int) -> ResponseReturnValue:
    """Stop an identity at an issuer from signing oneself in."""
    with writing() as unit:
        identities.unlink_identity(
            unit, person_id=current_user.id, identity_id=identity_id, now=utc_now()
        )
    flash(_("已解除绑定"))
    return redirect(url_for(".account"), code=303)
