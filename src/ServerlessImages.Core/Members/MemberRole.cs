namespace ServerlessImages.Members;

/// <summary>What somebody is in an account.</summary>
public enum MemberRole
{
    /// <summary>May do everything, and alone decides who else is in.</summary>
    Owner,

    /// <summary>Builds with it: keys, requests, webhooks.</summary>
    Developer,

    /// <summary>Pays for it: credit, cards, invoices.</summary>
    Billing,
}
