"""API clients: machines of one property group, with a secret that is told once and kept only as a hash."""

from django.db import transaction
from oauth2_provider.generators import generate_client_secret

from bookings.models import ApiClient, PropertyGroup, User


@transaction.atomic
def create(*, name: str, property_group: PropertyGroup, by: User) -> tuple[ApiClient, str]:
    """Returns the client and its secret, which nobody can read again."""
    secret = generate_client_secret()
    client = ApiClient.objects.create(
        name=name,
        property_group=property_group,
        user=by,
        client_type=ApiClient.CLIENT_CONFIDENTIAL,
        authorization_grant_type=ApiClient.GRANT_CLIENT_CREDENTIALS,
        client_secret=secret,
    )
    return client, secret


@transaction.atomic
def renew_secret(*, client: ApiClient) -> str:
    """The old secret stops at once."""
    secret = generate_client_secret()
    client.client_secret = secret
    client.save(update_fields=["client_secret", "updated"])
    return secret
