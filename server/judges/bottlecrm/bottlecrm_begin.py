"""An organisation, somebody in it, and a token of theirs, which is printed."""

import django

django.setup()

from common.models import Org, PersonalAccessToken, Profile, User  # noqa: E402

SCOPES = ["contacts:read", "contacts:write", "interactions:read", "interactions:write"]

org = Org.objects.create(name="Clinic", default_country="DE")
user = User.objects.create_user(email="agent@example.com", password="password of the judge")
profile = Profile.objects.create(user=user, org=org, role="ADMIN", is_active=True, is_organization_admin=True)
print(PersonalAccessToken.generate(profile, "voice agent", scopes=SCOPES)[0])
