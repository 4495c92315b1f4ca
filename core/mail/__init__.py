"""Emails by SMTP; who sends one, and why, is not known here."""

from core.mail.mail_sender import MailSender

__all__ = ["MailSender"]
