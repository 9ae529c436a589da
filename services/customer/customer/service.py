"""Customer: who buys from us, and who is about to leave."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from chassis import bus_desk, dictionary, numbering, people
from chassis.erasure import said_by
from chassis.holding import routes_of as personal_data_routes
from chassis.jobs import Job
from chassis.manifest import Service
from customer import announcing, intake, involvements, links, reactions
from customer.activity import model as activity
from customer.activity.resources import routes as activity_routes
from customer.base import Base
from customer.bin import model as bin_model
from customer.bin.commands import purge_bin
from customer.bin.resources import routes as bin_routes
from customer.charges import HAND_OVER
from customer.contact import model as contact
from customer.contact.resources import CONTACT_FILES
from customer.contact.resources import routes as contact_routes
from customer.customer import model as customer
from customer.customer.resources import CUSTOMER_FILES, CUSTOMER_IMPORT
from customer.customer.resources import routes as customer_routes
from customer.detection.commands import detect_losses
from customer.detection.resources import routes as detection_routes
from customer.duplicate.resources import routes as duplicate_routes
from customer.loss import model as loss
from customer.loss.life_cycle import LIFE_CYCLE as LOSS_LIFE
from customer.loss.resources import routes as loss_routes
from customer.merge import model as merge
from customer.merge.resources import routes as merge_routes
from customer.order import model as order
from customer.order.life_cycle import LIFE_CYCLE as ORDER_LIFE
from customer.order.resources import ORDER_FILES, ORDER_IMPORT
from customer.order.resources import routes as order_routes
from customer.overview.resources import routes as overview_routes
from customer.payment.resources import routes as payment_routes
from customer.pool import model as pool
from customer.pool.commands import release_idle
from customer.pool.resources import routes as pool_routes
from customer.product import model as product
from customer.product.resources import PRODUCT_IMPORT
from customer.product.resources import routes as product_routes
from customer.same_person import same_person
from customer.search.commands import index_earlier_customers
from customer.stock import model as stock
from customer.stock.resources import STOCK_IMPORT
from customer.stock.resources import routes as stock_routes
from customer.tag import model as tag
from customer.tag.resources import routes as tag_routes
from customer.timeline.resources import routes as timeline_routes
from customer.titles import TITLES
from customer.transfer import model as transfer
from customer.transfer.resources import routes as transfer_routes
from customer.webhook import model as webhook
from customer.webhook.resources import routes as webhook_routes

service: Service = Service(
    name="customer",
    title="Guanxi customer",
    metadata=Base.metadata,
    migrations=Path(__file__).parent.parent / "migrations",
    routes=[
        *customer_routes,
        *tag_routes,
        *pool_routes,
        *duplicate_routes,
        *merge_routes,
        *bin_routes,
        *transfer_routes,
        *overview_routes,
        *timeline_routes,
        *contact_routes,
        *activity_routes,
        *order_routes,
        *payment_routes,
        *product_routes,
        *stock_routes,
        *loss_routes,
        *detection_routes,
        *bus_desk.routes_of("customer"),
        *webhook_routes,
        *personal_data_routes("customer", lambda: service),
    ],
    machines=[ORDER_LIFE, LOSS_LIFE],
    numbers=[customer.NUMBERS, order.NUMBERS],
    says=[
        customer.CustomerOpened,
        customer.CustomerMatched,
        customer.CustomerEdited,
        customer.CustomerDeleted,
        customer.CustomerLost,
        customer.CustomerRecovered,
        customer.CustomerStageMoved,
        tag.CustomerTagged,
        pool.CustomerReleased,
        pool.CustomerClaimed,
        merge.CustomerMerged,
        merge.CustomerAbsorbed,
        bin_model.CustomerRestored,
        bin_model.CustomerPurged,
        transfer.CustomerTransferred,
        links.LinkRefused,
        intake.IntakeReceived,
        intake.IntakeRefused,
        contact.ContactAdded,
        contact.ContactEdited,
        contact.ContactRemoved,
        contact.ContactMoved,
        bin_model.ContactRestored,
        bin_model.ContactPurged,
        activity.ActivityRecorded,
        activity.ActivityEdited,
        activity.ActivityRemoved,
        activity.ActivityMoved,
        order.OrderPlaced,
        order.OrderCancelled,
        order.OrderAdvanced,
        order.OrderMoved,
        order.PaymentReceived,
        order.PaymentReversed,
        product.ProductListed,
        product.ProductEdited,
        product.ProductRetired,
        product.ProductResumed,
        stock.StockCounted,
        stock.StockAdjusted,
        product.ProductRemoved,
        stock.StockRemoved,
        loss.LossAlerted,
        loss.LossDelayed,
        loss.LossConfirmed,
        loss.LossRecovered,
        loss.LossWonBack,
        loss.LossMoved,
        loss.LossHandedOver,
        *CUSTOMER_FILES.says,
        *CONTACT_FILES.says,
        *ORDER_FILES.says,
        webhook.WebhookRegistered,
        webhook.WebhookEdited,
        webhook.WebhookRemoved,
        *HAND_OVER.says,
        *said_by("customer"),
    ],
    hears={
        **people.REACTIONS,
        **dictionary.REACTIONS,
        **numbering.REACTIONS,
        **HAND_OVER.reactions,
        reactions.OpportunityWon: reactions.know_win_and_welcome,
        reactions.LinkRequested: reactions.tell_customer,
        reactions.DealCreated: reactions.know_deal_and_take_it_in,
        reactions.DealCustomerRequested: reactions.take_in_deal,
        reactions.ConversionRequested: reactions.take_in_lead,
        **involvements.REACTIONS,
        **announcing.REACTIONS,
    },
    jobs=[
        Job("detect-losses", detect_losses, every=timedelta(days=1)),
        Job("release-idle", release_idle, every=timedelta(hours=1)),
        Job("purge-bin", purge_bin, every=timedelta(days=1)),
    ],
    timers=HAND_OVER.timers,
    effects=announcing.effects,
    seeds=[index_earlier_customers],
    imports=[CUSTOMER_IMPORT, ORDER_IMPORT, PRODUCT_IMPORT, STOCK_IMPORT],
    titles=TITLES,
    personal=Path(__file__).parent / "personal.json",
    same_person=same_person,
)
