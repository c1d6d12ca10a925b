"""Addresses."""

from django.urls import path

from . import (
    date_views,
    decision_views,
    elsewhere_views,
    hold_views,
    processing_views,
    text_views,
    views,
)

urlpatterns = [
    path("<str:reference>/decide/", views.decide, name="request_decide"),
    path("<str:reference>/sample/", views.sample, name="request_sample"),
    path("<str:reference>/choose/", views.choose, name="request_choose"),
    path("<str:reference>/without/<int:subscription_id>/", views.without, name="request_without"),
    path("<str:reference>/dates/", date_views.dates, name="request_dates"),
    path("<str:reference>/extend/", decision_views.extend, name="request_extend"),
    path("<str:reference>/refuse/", decision_views.refuse, name="request_refuse"),
    path("<str:reference>/refusal/", decision_views.refusal, name="request_refusal"),
    path(
        "<str:reference>/refusal/take-back/",
        decision_views.take_refusal_back,
        name="request_refusal_take_back",
    ),
    path("<str:reference>/withdraw/", decision_views.withdraw, name="request_withdraw"),
    path("<str:reference>/appeal/", decision_views.appeal, name="request_appeal"),
    path("appeals/<int:appeal_id>/decide/", decision_views.judge, name="appeal_decide"),
    path("appeals/<int:appeal_id>/extend/", decision_views.longer, name="appeal_extend"),
    path("appeals/<int:appeal_id>/acknowledge/", decision_views.acknowledge, name="appeal_acknowledge"),
    path("<str:reference>/elsewhere/", elsewhere_views.elsewhere, name="request_elsewhere"),
    path("<str:reference>/here/", elsewhere_views.here, name="request_here"),
    path("<str:reference>/processing/", processing_views.processing, name="request_processing"),
    path("<str:reference>/processing/role/", processing_views.role, name="request_role"),
    path("<str:reference>/processing/forwarded/", processing_views.forwarded, name="request_forwarded"),
    path("<str:reference>/processing/instructed/", processing_views.instructed, name="request_instructed"),
    path("<str:reference>/texts/", text_views.texts, name="request_texts"),
    path("<str:reference>/cancel/", views.cancel, name="request_cancel"),
    path("<str:reference>/pause/", views.pause, name="request_pause"),
    path("<str:reference>/resume/", views.resume, name="request_resume"),
    path("<str:reference>/preview/", views.preview, name="request_preview"),
    path("<str:reference>/held/look-again/", hold_views.look_again, name="request_held_again"),
    path("<str:reference>/held/close/", hold_views.close_held, name="request_held_close"),
    path("<str:reference>/nothing-found/", views.confirm_nothing, name="request_confirm_nothing"),
    path("attention/<int:attention_id>/settle/", views.settle, name="attention_settle"),
]
