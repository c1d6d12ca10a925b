"""Every address. Each capability folder names its own."""

from django.urls import include, path

urlpatterns = [
    path("", include("compliance.execution.urls")),
    path("requests/", include("compliance.intake.urls")),
    path("requests/", include("compliance.workflow.urls")),
    path("floods/", include("compliance.workflow.flood_urls")),
    path("holds/", include("compliance.workflow.hold_urls")),
    path("cleanup/", include("compliance.cleanup.urls")),
    path("policy/", include("compliance.workflow.policy_urls")),
    path("recipients/", include("compliance.workflow.recipient_urls")),
    path("customers/", include("compliance.workflow.customer_urls")),
    path("laws/", include("compliance.workflow.law_urls")),
    path("", include("compliance.evidence.urls")),
    path("subscriptions/", include("compliance.subscriptions.urls")),
    path("stop/", include("compliance.subscriptions.stop_urls")),
    path("webhooks/", include("compliance.notifications.urls")),
    path("people/", include("compliance.subscriptions.role_urls")),
    path("people/", include("compliance.people.urls")),
    path("api/", include("compliance.api")),
    path("account/", include("compliance.people.account_urls")),
    path("account/second-factor/", include("allauth.mfa.urls")),
    path("", include("compliance.dashboard.urls")),
]
